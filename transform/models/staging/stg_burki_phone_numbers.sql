-- made by `make generate`
{{ config(enabled=is_loaded('burki_phone_numbers')) }}

select
    account,
    id,
    phone_number,
    friendly_name,
    provider,
    twilio_sid,
    is_active,
    is_verified_caller_id,
    capabilities,
    sip_trunk_id,
    allowed_country_codes,
    assistant,
    flow,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    additional_fields
from {{ source('voicecalls', 'burki_phone_numbers') }}
