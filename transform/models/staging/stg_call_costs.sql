-- made by `make generate`
{{ config(enabled=is_loaded('call_costs')) }}

{{ staged('call_costs', ['provider', 'account', 'call_id', 'line'], {
    'provider': 'text',
    'account': 'text',
    'call_id': 'text',
    'line': 'text',
    'call_started_at': 'time',
    'component': 'text',
    'provider_component': 'text',
    'vendor': 'text',
    'model': 'text',
    'amount': 'number',
    'currency': 'text',
    'quantity': 'number',
    'unit': 'text',
    'rate': 'number'
}) }}
