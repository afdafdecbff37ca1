-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_recordings')) }}

{{ staged('telnyx_recordings', ['account', 'id'], {
    'account': 'text',
    'id': 'text',
    'created_at': 'time',
    'call_session_id': 'text',
    'call_leg_id': 'text',
    'call_control_id': 'text',
    'conference_id': 'text',
    'connection_id': 'text',
    'channels': 'text',
    'source': 'text',
    'status': 'text',
    'initiated_by': 'text',
    'from': 'text',
    'to': 'text',
    'recording_started_at': 'time',
    'recording_ended_at': 'time',
    'duration_millis': 'number',
    'download_urls': 'json',
    'updated_at': 'time',
    'record_type': 'text',
    'additional_fields': 'json'
}) }}
