-- made by `make generate`
{{ config(enabled=is_loaded('elevenlabs_agents', by_default=false)) }}

{{ staged('elevenlabs_agents', ['account', 'agent_id'], {
    'account': 'text',
    'agent_id': 'text',
    'name': 'text',
    'created_at': 'time',
    'last_call_at': 'time',
    'created_at_unix_secs': 'number',
    'last_call_time_unix_secs': 'number',
    'archived': 'boolean',
    'tags': 'json',
    'access_info': 'json',
    'additional_fields': 'json'
}) }}
