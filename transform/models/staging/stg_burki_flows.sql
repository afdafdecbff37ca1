-- made by `make generate`
{{ config(enabled=is_loaded('burki_flows')) }}

select
    account,
    id,
    organization_id,
    base_assistant_id,
    name,
    graph,
    is_active,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    additional_fields
from {{ source('voicecalls', 'burki_flows') }}
