-- made by `make generate`
{{ config(enabled=is_loaded('burki_assistants')) }}

{{ staged('burki_assistants', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'name': 'text',
    'description': 'text',
    'is_active': 'boolean',
    'user_id': 'integer',
    'organization_id': 'integer',
    'llm_provider': 'text',
    'llm_provider_config': 'json',
    'llm_settings': 'json',
    'tts_settings': 'json',
    'stt_settings': 'json',
    'interruption_settings': 'json',
    'webhook_url': 'text',
    'total_calls': 'integer',
    'avg_call_duration': 'number',
    'success_rate': 'number',
    'created_at': 'time',
    'updated_at': 'time',
    'additional_fields': 'json'
}) }}
