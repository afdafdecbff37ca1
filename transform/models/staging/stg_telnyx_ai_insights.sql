-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_insights', by_default=false)) }}

{{ staged('telnyx_ai_insights', ['account', 'id'], {
    'account': 'text',
    'id': 'text',
    'conversation_id': 'text',
    'call_id': 'text',
    'conversation_created_at': 'time',
    'last_message_at': 'time',
    'status': 'text',
    'created_at': 'time',
    'conversation_insights': 'json',
    'additional_fields': 'json'
}) }}
