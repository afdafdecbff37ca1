-- Who calls again within a week?
-- The twenty numbers with the most incoming calls that followed another one of theirs within seven days. Times are UTC.
-- A leg of another call, and the carrier's row of a call that was read at an agent platform too, is left out: it is the same call.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
with calls_in as (
    select
        from_number,
        provider,
        started_at,
        lag(started_at) over (partition by from_number order by started_at, provider, call_id) as call_before
    from calls
    where
        direction = 'inbound'
        and from_number is not null
        and started_at is not null
        and not exists (
            select 1
            from calls as parent
            where
                parent.provider = calls.provider
                and parent.account = calls.account
                and parent.call_id = calls.parent_call_id
                and parent.call_id <> calls.call_id
        )
        and not exists (
            select 1
            from calls as platform
            where platform.carrier = calls.provider and platform.carrier_call_id = calls.call_id
        )
        and not exists (
            select 1
            from calls as leg
            inner join calls as platform on platform.carrier = leg.provider and platform.carrier_call_id = leg.call_id
            where leg.provider = calls.provider and leg.account = calls.account and leg.parent_call_id = calls.call_id
        )
)
select
    from_number,
    count(*) as calls,
    count(*) filter (where started_at <= call_before + interval '7 days') as again_within_a_week,
    count(distinct provider) as providers,
    max(to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as last_call
from calls_in
group by from_number
having count(*) filter (where started_at <= call_before + interval '7 days') > 0
order by again_within_a_week desc, calls desc, from_number
limit 20
