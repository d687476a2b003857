//! When a schedule is due: five fields of cron, in a named time zone. Pure.
//!
//! As cron has always had it: where both the day of the month and the day of the week are restricted, either is enough.
//! An hour that a time zone skips in spring is made up for when it goes on; one that comes twice in autumn counts once.

use chrono::{Datelike, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use domain::DateTime;

/// How far ahead a next time is looked for: to the next leap year but one, which may skip a century.
const MOST_DAYS: i64 = 366 * 9;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A schedule that was understood. Each field is a set of its values, one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both kinds of day are restricted: either is enough.
    either_day: bool,
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(
                "must have five fields: minute, hour, day of the month, month, day of the week".to_owned()
            );
        };
        let names = |list: &'static [&'static str]| list;
        let mut weekday = set(weekdays, (0, 7), names(&DAYS), 0)?;
        // 0 and 7 are both Sunday.
        if weekday & (1 << 7) != 0 {
            weekday = (weekday | 1) & 0x7f;
        }
        Ok(Self {
            minutes: set(minutes, (0, 59), &[], 0)?,
            hours: set(hours, (0, 23), &[], 0)?,
            days: set(days, (1, 31), &[], 0)?,
            months: set(months, (1, 12), names(&MONTHS), 1)?,
            weekdays: weekday,
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }

    /// The first time after `after`. `None` where there is none, such as on the 30th of February.
    pub(super) fn next(&self, zone: Tz, after: DateTime) -> Option<DateTime> {
        let local = after.with_timezone(&zone).naive_local();
        // The day before too: where a zone steps back over midnight, its evening comes after our date.
        let first = local.date().pred_opt()?;
        (0..MOST_DAYS)
            .filter_map(|days| first.checked_add_signed(Duration::days(days)))
            .filter(|date| self.fits(*date))
            .find_map(|date| self.times(date, zone).into_iter().find(|time| *time > after))
    }

    /// The next few times.
    pub(super) fn upcoming(&self, zone: Tz, after: DateTime, count: usize) -> Vec<DateTime> {
        std::iter::successors(self.next(zone, after), |time| self.next(zone, *time)).take(count).collect()
    }

    fn fits(&self, date: NaiveDate) -> bool {
        let day = self.days & (1 << date.day()) != 0;
        let weekday = self.weekdays & (1 << date.weekday().num_days_from_sunday()) != 0;
        let fits = if self.either_day { day || weekday } else { day && weekday };
        fits && self.months & (1 << date.month()) != 0
    }

    /// All times of a day that fits, in order.
    fn times(&self, date: NaiveDate, zone: Tz) -> Vec<DateTime> {
        let hours = (0..24).filter(|hour| self.hours & (1 << hour) != 0);
        let times = hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| self.minutes & (1 << minute) != 0);
            minutes.filter_map(move |minute| NaiveTime::from_hms_opt(hour, minute, 0))
        });
        let mut times: Vec<DateTime> = times.filter_map(|time| instant(date, time, zone)).collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

/// The instant of a local time. One that is skipped is the first that there is after it.
fn instant(date: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime> {
    let mut local = date.and_time(time);
    for _ in 0..(24 * 4) {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return Some(at.with_timezone(&Utc)),
            LocalResult::None => {
                let minute = i64::from(local.minute() % 15);
                local = local.checked_add_signed(Duration::minutes(15 - minute))?;
            }
        }
    }
    None
}

/// A field: values, ranges and steps, separated by commas.
fn set(field: &str, (least, most): (u32, u32), names: &[&str], first: u32) -> Result<u64, String> {
    let value = |text: &str| {
        let named = names.iter().zip(first..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = named.map(|(_, value)| value).or_else(|| text.parse().ok());
        let value = value.filter(|value| (least..=most).contains(value));
        value.ok_or_else(|| format!("holds {text:?}, which is not from {least} to {most}"))
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let every = step.map_or(Ok(1), |step| {
            let step = step.parse::<u32>().ok().filter(|step| (1..=most).contains(step));
            step.ok_or_else(|| format!("holds the step {part:?}, which must be 1 to {most}"))
        })?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (value(from)?, value(to)?),
            None => {
                let one = value(range)?;
                (one, if step.is_some() { most } else { one })
            }
        };
        if from > to {
            return Err(format!("holds {range:?}, which goes backwards"));
        }
        for value in (from..=to).step_by(usize::try_from(every).unwrap_or(1)) {
            bits |= 1 << value;
        }
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    fn next(cron: &str, zone: &str, after: &str) -> Option<String> {
        let next = Cron::parse(cron).unwrap().next(zone.parse().unwrap(), at(after));
        next.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    #[test]
    fn the_next_time() {
        for (cron, zone, after, expected) in [
            ("0 9 * * *", "UTC", "2026-11-20T08:59:59Z", "2026-11-20T09:00:00Z"),
            ("0 9 * * *", "UTC", "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z"),
            ("0 9 * * *", "Europe/Copenhagen", "2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z"),
            ("0 9 * * *", "Europe/Copenhagen", "2026-07-20T06:00:00Z", "2026-07-20T07:00:00Z"),
            ("*/15 * * * *", "UTC", "2026-11-20T09:01:00Z", "2026-11-20T09:15:00Z"),
            ("30 8 * * mon-fri", "UTC", "2026-11-20T09:00:00Z", "2026-11-23T08:30:00Z"),
            ("0 0 1 jan *", "UTC", "2026-11-20T09:00:00Z", "2027-01-01T00:00:00Z"),
            ("0 0 29 2 *", "UTC", "2026-11-20T09:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 13 * 5", "UTC", "2026-11-20T09:00:00Z", "2026-11-27T00:00:00Z"),
            ("0 0 * * 7", "UTC", "2026-11-20T09:00:00Z", "2026-11-22T00:00:00Z"),
            ("5,10 6-8/2 * * *", "UTC", "2026-11-20T06:07:00Z", "2026-11-20T06:10:00Z"),
            // Skipped in spring, and twice in autumn.
            ("30 2 * * *", "Europe/Copenhagen", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "Europe/Copenhagen", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "Europe/Copenhagen", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ] {
            assert_eq!(next(cron, zone, after).as_deref(), Some(expected), "{cron} {zone} {after}");
        }
        assert_eq!(next("0 0 30 2 *", "UTC", "2026-11-20T09:00:00Z"), None);
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        for (text, why) in [
            ("", "five fields"),
            ("* * * *", "five fields"),
            ("60 * * * *", "not from 0 to 59"),
            ("* * 0 * *", "not from 1 to 31"),
            ("* * * foo *", "not from 1 to 12"),
            ("5-1 * * * *", "backwards"),
            ("*/0 * * * *", "step"),
            ("a * * * *", "not from 0 to 59"),
            (", * * * *", "not from 0 to 59"),
        ] {
            let refused = Cron::parse(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
