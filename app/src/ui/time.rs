//! Times as people say them. The page's clock begins with the server's and goes on in the browser,
//! so that both render the same words.

use domain::DateTime;
use leptos::prelude::*;

use crate::api::preferences::Language;
use crate::strings::strings;

/// The page's clock, from context.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub RwSignal<DateTime>);

/// What time it is on this page.
pub fn now() -> DateTime {
    use_context::<Now>().map_or(DateTime::UNIX_EPOCH, |Now(now)| now.get())
}

/// How long ago something was, kept current; the whole time as its tip.
#[component]
pub fn Ago(at: DateTime) -> impl IntoView {
    let language = strings().language;
    view! {
        <time datetime=at.to_rfc3339() title=date_time(at, language)>
            {move || ago(at, now(), language)}
        </time>
    }
}

/// How long something has taken, or takes until now.
#[component]
pub fn Elapsed(from: DateTime, until: Option<DateTime>) -> impl IntoView {
    let language = strings().language;
    view! {
        <span class="nowrap">
            {move || duration((until.unwrap_or_else(now) - from).num_milliseconds(), language)}
        </span>
    }
}

/// A span of time, with at most two units.
pub fn duration(milliseconds: i64, language: Language) -> String {
    let (day, hour) = match language {
        Language::English => ("d", "h"),
        Language::Danish => ("d", "t"),
    };
    let milliseconds = milliseconds.max(0);
    let seconds = milliseconds / 1_000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} {hour} {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} {day} {} {hour}", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// How long ago: in words for a week, then the date.
pub fn ago(at: DateTime, now: DateTime, language: Language) -> String {
    let seconds = (now - at).num_seconds();
    let (count, unit) = match seconds {
        ..60 => return strings_of(language).common.just_now.to_owned(),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, if language == Language::Danish { "t" } else { "h" }),
        86_400..604_800 => (seconds / 86_400, "d"),
        _ => return date(at, language),
    };
    match language {
        Language::English => format!("{count} {unit} ago"),
        Language::Danish => format!("{count} {unit} siden"),
    }
}

/// A date.
pub fn date(at: DateTime, language: Language) -> String {
    use chrono::Datelike as _;
    let month = month(at.month0(), language);
    match language {
        Language::English => format!("{} {month} {}", at.day(), at.year()),
        Language::Danish => format!("{}. {month} {}", at.day(), at.year()),
    }
}

/// A date and time, in UTC and saying so.
pub fn date_time(at: DateTime, language: Language) -> String {
    use chrono::Timelike as _;
    let separator = if language == Language::Danish { '.' } else { ':' };
    format!("{} {:02}{separator}{:02} UTC", date(at, language), at.hour(), at.minute())
}

fn month(month0: u32, language: Language) -> &'static str {
    const EN: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DA: [&str; 12] =
        ["jan.", "feb.", "mar.", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."];
    let names = if language == Language::Danish { DA } else { EN };
    usize::try_from(month0).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}

fn strings_of(language: Language) -> &'static crate::strings::Strings {
    crate::strings::Strings::of(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_at_most_two_units() {
        let cases = [
            (-5, "0 ms"),
            (0, "0 ms"),
            (320, "320 ms"),
            (4_900, "4 s"),
            (134_000, "2 min 14 s"),
            (3_780_000, "1 h 3 min"),
            (90_000_000, "1 d 1 h"),
        ];
        for (milliseconds, expected) in cases {
            assert_eq!(duration(milliseconds, Language::English), expected);
        }
        assert_eq!(duration(3_780_000, Language::Danish), "1 t 3 min");
    }

    #[test]
    fn the_past_is_said_in_words_and_then_as_a_date() {
        let now: DateTime = "2026-11-20T12:00:00Z".parse().unwrap();
        let cases = [
            ("2026-11-20T11:59:30Z", "just now"),
            ("2026-11-20T12:00:30Z", "just now"),
            ("2026-11-20T11:45:00Z", "15 min ago"),
            ("2026-11-20T09:00:00Z", "3 h ago"),
            ("2026-11-18T11:00:00Z", "2 d ago"),
            ("2026-10-01T11:00:00Z", "1 Oct 2026"),
        ];
        for (at, expected) in cases {
            assert_eq!(ago(at.parse().unwrap(), now, Language::English), expected);
        }
        assert_eq!(date_time(now, Language::Danish), "20. nov. 2026 12.00 UTC");
    }
}
