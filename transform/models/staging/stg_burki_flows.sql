-- made by `make generate`
{{ config(enabled=is_loaded('burki_flows')) }}

{{ staged('burki_flows', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'organization_id': 'integer',
    'base_assistant_id': 'integer',
    'name': 'text',
    'graph': 'json',
    'is_active': 'boolean',
    'created_at': 'time',
    'updated_at': 'time',
    'additional_fields': 'json'
}) }}
