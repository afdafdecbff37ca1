-- How many calls were there at once, at the most?
-- At the peak of each provider and of all together, and when it came first. Times are UTC; calls without an end are left out.
-- A leg of another call, and the carrier's row of a call that was read at an agent platform too, counts at the carrier only, not among all.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
with spans as (
    select provider, started_at, ended_at from calls where ended_at > started_at
    union all
    select 'all' as provider, started_at, ended_at
    from calls
    where
        ended_at > started_at
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
),
scopes as (
    select provider, started_at as moment, 1 as change from spans
    union all
    select provider, ended_at as moment, -1 as change from spans
),
running as (
    select
        provider,
        moment,
        sum(change) over (
            partition by provider
            order by moment, change
            rows between unbounded preceding and current row
        ) as calls_at_once
    from scopes
),
ranked as (
    select
        provider,
        moment,
        calls_at_once,
        row_number() over (partition by provider order by calls_at_once desc, moment) as place
    from running
)
select
    provider,
    cast(calls_at_once as integer) as calls_at_once,
    to_timestamp(extract(epoch from moment)) at time zone 'UTC' as first_at
from ranked
where place = 1
order by calls_at_once desc, provider
