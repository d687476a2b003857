//! People and workspaces, as initials.

use leptos::prelude::*;

/// The initials of a name, on a hue that is always the same for it.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! { <span class="avatar" data-hue=hue(&name) title=name.clone() aria-hidden="true">{initials(&name)}</span> }
}

fn initials(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let chosen = match words.as_slice() {
        [] => return "?".to_owned(),
        [only] => only.chars().take(2).collect::<String>(),
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
    };
    chosen.to_uppercase()
}

fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_two_letters_of_what_there_is() {
        let cases = [
            ("Anna Karlsen", "AK"),
            ("mette marie hansen", "MH"),
            ("øre", "ØR"),
            ("x@y.z", "XZ"),
            (" ", "?"),
        ];
        for (name, expected) in cases {
            assert_eq!(initials(name), expected);
        }
    }
}
