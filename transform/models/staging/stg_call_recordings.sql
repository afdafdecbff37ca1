-- made by `make generate`
{{ config(enabled=is_loaded('call_recordings')) }}

{{ staged('call_recordings', ['provider', 'account', 'call_id', 'recording'], {
    'provider': 'text',
    'account': 'text',
    'call_id': 'text',
    'recording': 'text',
    'call_started_at': 'time',
    'url': 'text',
    'file': 'text',
    'status': 'text',
    'bytes': 'integer',
    'sha256': 'text',
    'media_type': 'text',
    'duration_seconds': 'number',
    'channels': 'integer',
    'archived_at': 'time'
}) }}
