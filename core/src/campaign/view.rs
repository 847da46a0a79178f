//! What screens show of campaigns. Numbers come from the counters, so ten recipients and ten million cost the same.
