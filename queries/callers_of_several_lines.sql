-- Which numbers called several of your lines?
-- Incoming calls from one number to more than one of your numbers, or through more than one provider. Times are UTC.
-- A leg of another call, and the carrier's row of a call that was read at an agent platform too, is left out: it is the same call.
-- By way of the epoch: targets make columns with a time zone or without one of `started_at`.
select
    from_number,
    count(*) as calls,
    count(distinct to_number) as lines_called,
    string_agg(distinct provider, ', ' order by provider) as providers,
    min(to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as first_call,
    max(to_timestamp(extract(epoch from started_at)) at time zone 'UTC') as last_call
from calls
where
    direction = 'inbound'
    and from_number is not null
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
group by from_number
having count(distinct to_number) > 1 or count(distinct provider) > 1
order by lines_called desc, calls desc, from_number
