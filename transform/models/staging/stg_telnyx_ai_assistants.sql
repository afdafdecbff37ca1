-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_assistants')) }}

{{ staged('telnyx_ai_assistants', ['account', 'id'], {
    'account': 'text',
    'id': 'text',
    'name': 'text',
    'created_at': 'time',
    'version_id': 'text',
    'version_name': 'text',
    'version_created_at': 'time',
    'model': 'text',
    'description': 'text',
    'instructions': 'text',
    'greeting': 'text',
    'tags': 'json',
    'enabled_features': 'json',
    'voice_settings': 'json',
    'transcription': 'json',
    'telephony_settings': 'json',
    'messaging_settings': 'json',
    'interruption_settings': 'json',
    'insight_settings': 'json',
    'privacy_settings': 'json',
    'fallback_config': 'json',
    'external_llm': 'json',
    'dynamic_variables': 'json',
    'tools': 'json',
    'additional_fields': 'json'
}) }}
