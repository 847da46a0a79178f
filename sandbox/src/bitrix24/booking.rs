//! Online booking (`booking.v1`, as at apidocs.bitrix24.com): bookings of resources with their
//! clients. Lists are of one window and hold fifty at most, which no page promises.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Bitrix24,
    auth::Caller,
    error::{B24Error, B24Result},
    events,
    params::{Params, whole},
    portal::Kind,
    server::Reply,
    state::{By, State},
};

pub(crate) const METHODS: [&str; 4] =
    ["booking.v1.booking.list", "booking.v1.booking.get", "booking.v1.booking.client.list", "booking.v1.resource.list"];
const MOST: usize = 50;

/// A booking of resources.
#[derive(Clone, Debug)]
pub(crate) struct Booking {
    pub(crate) id: i64,
    name: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    resources: Vec<i64>,
    clients: Vec<(Kind, i64)>,
}

impl Booking {
    fn shown(&self) -> Value {
        let end = |at: DateTime<Utc>| json!({ "timestamp": at.timestamp(), "timezone": "Europe/Moscow" });
        json!({ "id": self.id, "name": self.name, "description": null, "resourceIds": self.resources,
            "datePeriod": { "from": end(self.from), "to": end(self.to) } })
    }
}

pub(crate) fn run(state: &mut State, caller: &Caller, method: &str, params: &Params) -> B24Result<Reply> {
    let portal = state.portal(caller.portal)?;
    let known = |name: &str| {
        let id = params.whole(name).ok_or_else(|| B24Error::missing(name))?;
        portal.bookings.iter().find(|booking| booking.id == id).ok_or_else(|| B24Error::new(400, "1021", "Booking not found"))
    };
    Ok(Reply::of(match method {
        "booking.v1.booking.get" => json!({ "booking": known("id")?.shown() }),
        "booking.v1.booking.client.list" => {
            let client =
                |(kind, id): &(Kind, i64)| json!({ "id": id, "type": { "code": kind.word().to_ascii_uppercase(), "module": "crm" } });
            json!({ "bookingClient": known("bookingId")?.clients.iter().map(client).collect::<Vec<_>>() })
        }
        "booking.v1.resource.list" => {
            let named = portal.resources.iter().map(|(id, name)| json!({ "id": id, "name": name, "isMain": "Y", "typeId": 1 }));
            json!({ "resource": named.collect::<Vec<_>>() })
        }
        _ => {
            let within = &params.get("FILTER")["within"];
            let bounds = if within.is_null() {
                None
            } else {
                let bound = |name: &str| whole(&within[name]).ok_or_else(|| B24Error::new(400, "0", "Required fields: dateFrom, dateTo"));
                let (from, to) = (bound("dateFrom")?, bound("dateTo")?);
                if from > to {
                    return Err(B24Error::new(400, "422", "Invalid date period"));
                }
                Some((from, to))
            };
            let is_within =
                |booking: &&Booking| bounds.is_none_or(|(from, to)| booking.from.timestamp() < to && booking.to.timestamp() > from);
            json!({ "booking": portal.bookings.iter().filter(is_within).take(MOST).map(Booking::shown).collect::<Vec<_>>() })
        }
    }))
}

impl Bitrix24 {
    /// Something that can be booked. Gives its id.
    pub fn add_resource(&self, portal: i64, name: &str) -> i64 {
        let mut id = 0;
        self.change(portal, |place| {
            id = place.next_id();
            place.resources.push((id, name.to_owned()));
        });
        id
    }

    /// A booking from then to then, of these resources, for these elements. Gives its id.
    pub fn add_booking(
        &self,
        portal: i64,
        name: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        resources: &[i64],
        clients: &[(Kind, i64)],
    ) -> i64 {
        let mut id = 0;
        self.change(portal, |place| {
            id = place.next_id();
            let (resources, clients) = (resources.to_vec(), clients.to_vec());
            place.bookings.push(Booking { id, name: name.to_owned(), from, to, resources, clients });
        });
        events::raise(&mut self.state(), portal, "ONBOOKINGADD", id, &[], &By::default());
        id
    }

    /// A booking is moved.
    pub fn move_booking(&self, portal: i64, id: i64, (from, to): (DateTime<Utc>, DateTime<Utc>)) {
        self.change(portal, |place| {
            if let Some(booking) = place.bookings.iter_mut().find(|booking| booking.id == id) {
                (booking.from, booking.to) = (from, to);
            }
        });
        events::raise(&mut self.state(), portal, "ONBOOKINGUPDATE", id, &[], &By::default());
    }

    /// A booking is taken away.
    pub fn drop_booking(&self, portal: i64, id: i64) {
        self.change(portal, |place| place.bookings.retain(|booking| booking.id != id));
        events::raise(&mut self.state(), portal, "ONBOOKINGDELETE", id, &[], &By::default());
    }
}
