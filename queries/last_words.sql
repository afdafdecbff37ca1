-- After which words do callers hang up?
-- Words of the caller's last turn, in at least five calls: how many of these calls the caller ended. Short words are left out.
with last_turns as (
    select
        calls.end_reason,
        turns.text,
        row_number() over (
            partition by turns.provider, turns.account, turns.call_id
            order by turns.turn desc
        ) as from_the_end,
        turns.provider,
        turns.account,
        turns.call_id
    from call_turns as turns
    inner join calls
        on turns.provider = calls.provider and turns.account = calls.account and turns.call_id = calls.call_id
    where turns.role = 'caller' and turns.text is not null and (calls.turns is null or turns.turn < calls.turns)
),
parts as (
    select
        provider,
        account,
        call_id,
        end_reason,
        unnest(regexp_split_to_array(lower(text), '\s+')) as part
    from last_turns
    where from_the_end = 1
),
words as (
    select distinct
        provider,
        account,
        call_id,
        end_reason,
        trim(part, '.,;:!?…"„“”«»()-') as word
    from parts
)
select
    word,
    count(*) as calls,
    count(*) filter (where end_reason = 'caller_hangup') as hung_up,
    cast(100.0 * count(*) filter (where end_reason = 'caller_hangup') / count(*) as decimal(5, 1)) as hung_up_percent
from words
where length(word) >= 4
group by word
having count(*) >= 5
order by hung_up_percent desc, calls desc, word
limit 20
