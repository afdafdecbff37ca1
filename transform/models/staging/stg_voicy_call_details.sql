-- made by `make generate`
{{ config(enabled=is_loaded('voicy_call_details')) }}

{{ staged('voicy_call_details', ['account', 'call_id'], {
    'account': 'text',
    'call_id': 'text',
    'started_at': 'time',
    'call_type': 'text',
    'call_status': 'text',
    'agent': 'json',
    'voicy_account': 'json',
    'from_number': 'text',
    'to_number': 'text',
    'direction': 'text',
    'start_timestamp': 'number',
    'duration_ms': 'number',
    'end_timestamp': 'number',
    'call_cost': 'json',
    'agent_id': 'text',
    'disconnection_reason': 'text',
    'metadata': 'json',
    'transcript': 'json',
    'transcript_object': 'json',
    'detected_gender': 'text',
    'recording_url': 'text',
    'summary': 'text',
    'vars_provided': 'json',
    'vars_extracted': 'json',
    'vars_collected': 'json',
    'additional_fields': 'json'
}) }}
