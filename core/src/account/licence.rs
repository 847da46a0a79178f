//! Without a valid licence nothing is sent; opt-outs, consent records and exports go on working.
