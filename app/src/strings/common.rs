//! Words that any page needs, and the sentences for refusals that the browser finds out by itself.

use domain::Code;

strings! {
    /// Buttons, fields and refusals.
    Common {
        save: "Save" | "Gem",
        cancel: "Cancel" | "Fortryd",
        close: "Close" | "Luk",
        edit: "Edit" | "Redigér",
        remove: "Remove" | "Fjern",
        optional: "optional" | "valgfri",
        copy: "Copy" | "Kopiér",
        copied: "Copied" | "Kopieret",
        retry: "Try again" | "Prøv igen",
        more: "Show more" | "Vis flere",
        none: "None" | "Ingen",
        dismiss: "Dismiss" | "Afvis",
        loading: "Loading" | "Henter",
        quote: "Quote this when asking for help:" | "Oplys dette, hvis du beder om hjælp:",
        just_now: "just now" | "lige nu",
        theirs: "Somebody else has changed it to" | "En anden har ændret det til",
        yours: "you wrote" | "du skrev",
        undo: "Undo" | "Fortryd",
        saved: "Saved" | "Gemt",
        unauthenticated: "You are signed out. Sign in to go on." | "Du er logget ud. Log ind for at fortsætte.",
        forbidden: "Your role doesn't allow this. Ask an owner of the workspace." | "Din rolle tillader det ikke. Spørg en ejer af arbejdsområdet.",
        not_found: "It isn't here, or not for you." | "Det findes ikke, eller ikke for dig.",
        conflict: "That isn't possible in its present state." | "Det kan ikke lade sig gøre i den nuværende tilstand.",
        invalid: "That can't be read. Check what you typed." | "Det kan ikke læses. Se efter, hvad du skrev.",
        limited: "Too many requests. Wait a moment and try again." | "For mange forespørgsler. Vent lidt, og prøv igen.",
        unavailable: "Switchboard can't be reached. Check your connection and try again." | "Switchboard kan ikke nås. Tjek din forbindelse, og prøv igen.",
        internal: "Something went wrong on our side. Try again." | "Noget gik galt hos os. Prøv igen.",
    }
}

impl Common {
    /// One sentence for a refusal that came without one.
    pub fn problem(&self, code: Code) -> &'static str {
        match code {
            Code::Unauthenticated => self.unauthenticated,
            Code::Forbidden => self.forbidden,
            Code::NotFound => self.not_found,
            Code::Conflict => self.conflict,
            Code::Invalid => self.invalid,
            Code::Limited => self.limited,
            Code::Unavailable => self.unavailable,
            Code::Internal => self.internal,
        }
    }
}
