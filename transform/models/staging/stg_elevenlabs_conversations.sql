-- made by `make generate`
{{ config(enabled=is_loaded('elevenlabs_conversations')) }}

{{ staged('elevenlabs_conversations', ['account', 'conversation_id'], {
    'account': 'text',
    'conversation_id': 'text',
    'started_at': 'time',
    'agent_id': 'text',
    'agent_name': 'text',
    'branch_id': 'text',
    'version_id': 'text',
    'status': 'text',
    'start_time_unix_secs': 'number',
    'call_duration_secs': 'number',
    'message_count': 'integer',
    'termination_reason': 'text',
    'call_successful': 'text',
    'call_success_score': 'number',
    'transcript_summary': 'text',
    'call_summary_title': 'text',
    'main_language': 'text',
    'conversation_initiation_source': 'text',
    'text_only': 'boolean',
    'tool_names': 'json',
    'direction': 'text',
    'rating': 'number',
    'sentiment_analysis': 'json',
    'additional_fields': 'json'
}) }}
