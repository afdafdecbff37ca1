-- made by `make generate`
{{ config(enabled=is_loaded('burki_phone_numbers')) }}

{{ staged('burki_phone_numbers', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'phone_number': 'text',
    'friendly_name': 'text',
    'provider': 'text',
    'twilio_sid': 'text',
    'is_active': 'boolean',
    'is_verified_caller_id': 'boolean',
    'capabilities': 'json',
    'sip_trunk_id': 'text',
    'allowed_country_codes': 'json',
    'assistant': 'json',
    'flow': 'json',
    'created_at': 'time',
    'updated_at': 'time',
    'additional_fields': 'json'
}) }}
