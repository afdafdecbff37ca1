-- made by `make generate`
{{ config(enabled=is_loaded('voicy_agents')) }}

{{ staged('voicy_agents', ['account', 'agent_id'], {
    'account': 'text',
    'agent_id': 'text',
    'name': 'text',
    'language': 'text',
    'voice': 'text',
    'agent_type': 'text',
    'active': 'boolean',
    'prompt': 'text',
    'welcome_message': 'text',
    'created_at': 'time',
    'updated_at': 'time',
    'additional_fields': 'json'
}) }}
