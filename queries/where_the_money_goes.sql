-- What is the money spent on: the model, the voice, the transcription or the line?
-- Percent of the cost of the calls that tell its parts; the rest is what the provider does not break down.
with parts as (
    select
        provider,
        currency,
        count(*) as calls,
        sum(cost) as spent,
        coalesce(sum(cost_llm), 0) as llm,
        coalesce(sum(cost_tts), 0) as tts,
        coalesce(sum(cost_stt), 0) as stt,
        coalesce(sum(cost_telephony), 0) as telephony
    from calls
    where cost is not null and coalesce(cost_llm, cost_tts, cost_stt, cost_telephony) is not null
    group by 1, 2
)
select
    provider,
    currency,
    calls,
    cast(spent as decimal(18, 4)) as cost,
    cast(100.0 * llm / nullif(spent, 0) as decimal(9, 1)) as llm_percent,
    cast(100.0 * tts / nullif(spent, 0) as decimal(9, 1)) as tts_percent,
    cast(100.0 * stt / nullif(spent, 0) as decimal(9, 1)) as stt_percent,
    cast(100.0 * telephony / nullif(spent, 0) as decimal(9, 1)) as telephony_percent,
    cast(100.0 * (spent - llm - tts - stt - telephony) / nullif(spent, 0) as decimal(9, 1)) as rest_percent
from parts
order by provider, currency
