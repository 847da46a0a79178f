-- Why what people write to a channel does not reach us, in its messenger's words; 'webhook': its messenger has not taken the address of our webhook yet. null: it does.
-- Nothing is sent meanwhile. Until now that was the beginning of the reason of a channel that stood still.
alter table channel add column deaf text;
update channel set deaf = substr(state_reason, 7), state = 'active', state_reason = null where state = 'misconfigured' and state_reason like 'deaf: %';
update channel set deaf = state_reason, state = 'active', state_reason = null where state = 'misconfigured' and state_reason = 'webhook';
