{#- The longest way between two rows of a call: from an agent's row by the carrier's leg and the leg
    that made it, to another leg and its agent's row. Longer ways need more rounds. -#}
{%- set rounds = 8 -%}

with numbered as (
    select
        *,
        row_number() over (order by provider, account, call_id) as number
    from {{ ref('stg_calls') }}
),

links as (
    select agent.number as one, carrier.number as other
    from numbered as agent
    inner join numbered as carrier
        on agent.carrier = carrier.provider and agent.carrier_call_id = carrier.call_id
    union
    select leg.number as one, parent.number as other
    from numbered as leg
    inner join numbered as parent
        on leg.provider = parent.provider
        and leg.account = parent.account
        and leg.parent_call_id = parent.call_id
    where leg.call_id <> parent.call_id
),

both_ways as (
    select one, other from links
    union
    select other as one, one as other from links
),

{#- Each row takes the lowest number that a row beside it has, again and again. -#}
group_0 as (
    select distinct one as number, one as call_number from both_ways
),
{%- for round in range(rounds) %}

group_{{ round + 1 }} as (
    select
        own.number,
        least(own.call_number, min(beside.call_number)) as call_number
    from group_{{ round }} as own
    inner join both_ways on own.number = both_ways.one
    inner join group_{{ round }} as beside on both_ways.other = beside.number
    group by own.number, own.call_number
),
{%- endfor %}

grouped as (
    select
        numbered.*,
        coalesce(joined.call_number, numbered.number) as call_number
    from numbered
    left join group_{{ rounds }} as joined on numbered.number = joined.number
),

ranked as (
    select
        *,
        {#- The agent platform's row tells most; else the leg that made the others. -#}
        row_number() over (
            partition by call_number
            order by
                case when carrier_call_id is not null then 0 else 1 end,
                case when parent_call_id is null then 0 else 1 end,
                started_at nulls last,
                number
        ) as place
    from grouped
),

costs as (
    select
        call_number,
        count(*) as legs,
        case when count(distinct case when cost <> 0 then coalesce(currency, '') end) <= 1 then sum(cost) end as cost,
        case
            when count(distinct case when cost <> 0 then coalesce(currency, '') end) <= 1
                then coalesce(max(case when cost <> 0 then currency end), max(currency))
        end as currency
    from grouped
    group by call_number
)

select
    ranked.provider,
    ranked.account,
    ranked.call_id,
    costs.legs,
    ranked.direction,
    ranked.channel,
    ranked.status,
    ranked.end_reason,
    ranked.ended_by,
    ranked.answered_by,
    ranked.successful,
    ranked.sentiment,
    ranked.from_number,
    ranked.to_number,
    ranked.agent_id,
    ranked.agent_name,
    ranked.agent_version,
    ranked.language,
    ranked.started_at,
    ranked.ended_at,
    ranked.duration_seconds,
    ranked.turns,
    ranked.interruptions,
    ranked.response_seconds,
    costs.cost,
    costs.currency
from ranked
inner join costs on ranked.call_number = costs.call_number
where ranked.place = 1
