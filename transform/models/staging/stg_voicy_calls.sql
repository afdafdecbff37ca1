-- made by `make generate`
{{ config(enabled=is_loaded('voicy_calls')) }}

{{ staged('voicy_calls', ['account', 'call_id'], {
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
    'additional_fields': 'json'
}) }}
