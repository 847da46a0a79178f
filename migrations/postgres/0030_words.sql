-- A provider's words of what failed are forgotten after a while: these are the rows that have some.
create index delivery_detail on delivery (updated_at) where detail is not null;
create index outgoing_detail on outgoing (created_at) where detail is not null;
