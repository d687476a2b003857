//! What names, addresses and roles may be. Pure.

use domain::session::Role;

/// An address, in lower case. Whether it exists only a mail could tell; here it must look like one.
pub(super) fn email(text: &str) -> Result<String, &'static str> {
    let address = text.trim().to_lowercase();
    let (local, host) = address.split_once('@').ok_or("must be an e-mail address")?;
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    if address.len() > 254 || host.contains('@') || !plain(local) || !plain(host) {
        return Err("must be an e-mail address");
    }
    Ok(address)
}

/// A first name to show, until the person chooses one: `mette.hansen@…` is Mette Hansen.
pub(super) fn name_of(email: &str) -> String {
    title_of(email.split('@').next().unwrap_or(email))
}

/// `copenhagen-office` is Copenhagen Office.
pub(super) fn title_of(slug: &str) -> String {
    let words = slug.split(['-', '.', '_', '+']).filter(|word| !word.is_empty());
    let capitals = words.map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
            .unwrap_or_default()
    });
    capitals.collect::<Vec<_>>().join(" ")
}

/// A slug made of any name.
pub(super) fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches('-').chars().take(40).collect();
    let slug = slug.trim_matches('-').to_owned();
    if slug.is_empty() { "workspace".to_owned() } else { slug }
}

/// The slug itself, then `slug-2`, `slug-3` …
pub(super) fn numbered(slug: &str, attempt: u32) -> String {
    if attempt == 1 { slug.to_owned() } else { format!("{slug}-{attempt}") }
}

pub(super) fn slug(text: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = (1..=48).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-');
    if good { Ok(()) } else { Err("must be 1 to 48 lower case letters, digits and hyphens") }
}

/// What a browser says it is, in a few words that a person knows it by.
pub(super) fn device(user_agent: &str) -> String {
    // The order matters: most browsers also claim to be those that stand further down.
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => user_agent.split(['/', ' ']).next().unwrap_or_default().chars().take(40).collect(),
    }
}

/// Nobody makes a key above their own role.
pub(super) fn key_role(own: Role, wanted: Role) -> Result<(), &'static str> {
    if wanted == Role::System {
        return Err("must be one of viewer, member, admin, owner");
    }
    if wanted > own { Err("must not be above your own role") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, good) in [
            (" Anna@Example.com ", true),
            ("anna", false),
            ("@example.com", false),
            ("a b@example.com", false),
            ("a@b@c", false),
            ("a\0@example.com", false),
        ] {
            assert_eq!(email(text).is_ok(), good, "{text:?}");
        }
        assert_eq!(email(" Anna@Example.com "), Ok("anna@example.com".to_owned()));
    }

    #[test]
    fn names_and_slugs() {
        assert_eq!(name_of("mette.hansen@example.com"), "Mette Hansen");
        assert_eq!(slug_of("Mette Hansen"), "mette-hansen");
        assert_eq!(slug_of("æøå"), "workspace");
        assert_eq!(numbered("demo", 1), "demo");
        assert_eq!(numbered("demo", 3), "demo-3");
        for (text, good) in
            [("demo", true), ("a-b", true), ("-a", false), ("Demo", false), ("", false), ("a_b", false)]
        {
            assert_eq!(slug(text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn devices_are_told_in_words() {
        let mozilla = "Mozilla/5.0 (X11; Linux x86_64";
        for (agent, expected) in [
            (format!("{mozilla}; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox, Linux"),
            (
                format!("{mozilla}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"),
                "Chrome, Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1".to_owned(),
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0".to_owned(),
                "Edge, Windows",
            ),
            ("curl/8.5.0".to_owned(), "curl"),
            (String::new(), ""),
        ] {
            assert_eq!(device(&agent), expected, "{agent}");
        }
    }

    #[test]
    fn nobody_makes_a_key_above_themselves() {
        assert!(key_role(Role::Admin, Role::Admin).is_ok());
        assert!(key_role(Role::Admin, Role::Owner).is_err());
        assert!(key_role(Role::System, Role::System).is_err());
        assert!(key_role(Role::System, Role::Owner).is_ok());
    }
}
