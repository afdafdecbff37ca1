-- made by `make generate`
{{ config(enabled=is_loaded('twilio_calls')) }}

{{ staged('twilio_calls', ['account', 'sid'], {
    'account': 'text',
    'sid': 'text',
    'started_at': 'time',
    'start_time': 'time',
    'end_time': 'time',
    'date_created': 'time',
    'date_updated': 'time',
    'parent_call_sid': 'text',
    'account_sid': 'text',
    'to': 'text',
    'to_formatted': 'text',
    'from': 'text',
    'from_formatted': 'text',
    'phone_number_sid': 'text',
    'status': 'text',
    'duration': 'number',
    'price': 'number',
    'price_unit': 'text',
    'direction': 'text',
    'answered_by': 'text',
    'api_version': 'text',
    'forwarded_from': 'text',
    'group_sid': 'text',
    'caller_name': 'text',
    'queue_time': 'number',
    'trunk_sid': 'text',
    'uri': 'text',
    'subresource_uris': 'json',
    'additional_fields': 'json'
}) }}
