-- made by `make generate`
{{ config(enabled=is_loaded('burki_transcripts', by_default=false)) }}

{{ staged('burki_transcripts', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'call_id': 'integer',
    'call_started_at': 'time',
    'content': 'text',
    'is_final': 'boolean',
    'speaker': 'text',
    'segment_start': 'number',
    'segment_end': 'number',
    'confidence': 'number',
    'stt_timestamps': 'json',
    'created_at': 'time',
    'additional_fields': 'json'
}) }}
