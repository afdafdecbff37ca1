-- made by `make generate`
{{ config(enabled=is_loaded('retell_agents', by_default=false)) }}

{{ staged('retell_agents', ['account', 'agent_id'], {
    'account': 'text',
    'agent_id': 'text',
    'agent_name': 'text',
    'channel': 'text',
    'modified_at': 'time',
    'user_modified_timestamp': 'number',
    'tags': 'json',
    'additional_fields': 'json'
}) }}
