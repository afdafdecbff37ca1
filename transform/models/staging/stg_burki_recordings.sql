-- made by `make generate`
{{ config(enabled=is_loaded('burki_recordings', by_default=false)) }}

{{ staged('burki_recordings', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'call_id': 'integer',
    'call_started_at': 'time',
    'recording_sid': 'text',
    'file_path': 'text',
    'recording_url': 'text',
    'duration': 'number',
    'format': 'text',
    'recording_type': 'text',
    'recording_source': 'text',
    'status': 'text',
    'created_at': 'time',
    'additional_fields': 'json'
}) }}
