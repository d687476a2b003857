//! Signing in.

strings! {
    /// The sign-in pages.
    Session {
        title: "Sign in" | "Log ind",
        lead: "The command centre for work that agents do." | "Kommandocentralen for det arbejde, agenter udfører.",
        by_link: "Sign in with a one-time link" | "Log ind med et engangslink",
        by_link_text: "The link was printed in the terminal when Switchboard first started. Whoever runs it can print a new one, for you or for somebody else:" | "Linket blev skrevet i terminalen, da Switchboard startede første gang. Den, der driver det, kan lave et nyt, til dig eller en anden:",
        valid: "A link works once, within 15 minutes." | "Et link virker én gang, inden for 15 minutter.",
        link_title: "One more step" | "Ét trin mere",
        link_text: "This link signs you in on this device. It works once." | "Dette link logger dig ind på denne enhed. Det virker én gang.",
        sign_in: "Sign in" | "Log ind",
        refused: "This link doesn't work any more: it has been used, or is older than 15 minutes. Ask for a new one." | "Dette link virker ikke længere: det er brugt eller ældre end 15 minutter. Bed om et nyt.",
        limited: "Too many links that don't work were tried from here. Wait a minute, then open your link again." | "Der er prøvet for mange links herfra, som ikke virker. Vent et minut, og åbn dit link igen.",
        other_account: "This invitation is for another account. Sign in to the one it was made for, then open it again." | "Denne invitation er til en anden konto. Log ind på den, den er lavet til, og åbn den så igen.",
        signed_out: "You are signed out." | "Du er logget ud.",
        nobody: "You are signed in, but a member of no workspace yet. Ask an owner to invite you." | "Du er logget ind, men ikke medlem af noget arbejdsområde endnu. Bed en ejer om at invitere dig.",
    }
}
