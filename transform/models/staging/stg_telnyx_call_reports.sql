-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_call_reports')) }}

{{ staged('telnyx_call_reports', ['account', 'call_id', 'segment', 'stored_at'], {
    'account': 'text',
    'call_id': 'text',
    'segment': 'integer',
    'stored_at': 'time',
    'call_report_id': 'text',
    'user_id': 'text',
    'organization_id': 'text',
    'voice_sdk_id': 'text',
    'voice_sdk_session_id': 'text',
    'voice_sdk_id_decoded': 'json',
    'user_agent': 'text',
    'version': 'text',
    'telnyx_session_id': 'text',
    'telnyx_leg_id': 'text',
    'summary': 'json',
    'stats': 'json',
    'logs': 'json',
    'flushReason': 'json',
    'created_at': 'time',
    'additional_fields': 'json'
}) }}
