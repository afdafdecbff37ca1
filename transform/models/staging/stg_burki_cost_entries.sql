-- made by `make generate`
{{ config(enabled=is_loaded('burki_cost_entries', by_default=false)) }}

{{ staged('burki_cost_entries', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'call_id': 'integer',
    'call_started_at': 'time',
    'service_type': 'text',
    'provider': 'text',
    'model': 'text',
    'usage_type': 'text',
    'usage_amount': 'number',
    'unit_cost': 'number',
    'total_cost': 'number',
    'timestamp': 'time',
    'metadata': 'json',
    'additional_fields': 'json'
}) }}
