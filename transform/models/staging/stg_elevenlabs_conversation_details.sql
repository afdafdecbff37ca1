-- made by `make generate`
{{ config(enabled=is_loaded('elevenlabs_conversation_details', by_default=false)) }}

{{ staged('elevenlabs_conversation_details', ['account', 'conversation_id'], {
    'account': 'text',
    'conversation_id': 'text',
    'started_at': 'time',
    'agent_id': 'text',
    'agent_name': 'text',
    'branch_id': 'text',
    'version_id': 'text',
    'status': 'text',
    'metadata': 'json',
    'analysis': 'json',
    'transcript': 'json',
    'visited_agents': 'json',
    'conversation_initiation_client_data': 'json',
    'user_id': 'text',
    'has_auxiliary_audio': 'boolean',
    'conversation_product': 'text',
    'otlp_traces': 'json',
    'has_audio': 'boolean',
    'has_user_audio': 'boolean',
    'has_response_audio': 'boolean',
    'environment': 'text',
    'tag_ids': 'json',
    'additional_fields': 'json'
}) }}
