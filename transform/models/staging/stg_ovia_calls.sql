-- made by `make generate`
{{ config(enabled=is_loaded('ovia_calls')) }}

{{ staged('ovia_calls', ['account', 'id'], {
    'account': 'text',
    'id': 'text',
    'started_at': 'time',
    'user_id': 'text',
    'agent_id': 'text',
    'type': 'text',
    'direction': 'text',
    'from_number': 'text',
    'to_number': 'text',
    'phone_number_id': 'text',
    'status': 'text',
    'ended_at': 'time',
    'recording_url': 'text',
    'transcript': 'text',
    'duration': 'number',
    'analysis': 'text',
    'latency_metrics': 'text',
    'created_at': 'time',
    'updated_at': 'time',
    'agent': 'json',
    'metadata': 'json',
    'costs': 'json',
    'transcript_objects': 'json',
    'additional_fields': 'json'
}) }}
