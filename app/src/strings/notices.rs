//! Notifications.

strings! {
    /// What a notification says, and where it is allowed.
    Notices {
        title: "Notifications" | "Notifikationer",
        in_browser: "In this browser" | "I denne browser",
        kinds: "What is told" | "Hvad der fortælles",
        is_on: "On: when a task of yours needs you and this page is not in front." | "Til: når en af dine opgaver har brug for dig, og siden ikke er forrest.",
        is_off: "Off. The browser asks you once when you turn them on." | "Fra. Browseren spørger dig én gang, når du slår dem til.",
        denied: "This browser refuses them. Allow them for this site in the browser's settings, then reload." | "Browseren afviser dem. Tillad dem for dette sted i browserens indstillinger, og genindlæs.",
        missing: "This browser can't show notifications." | "Browseren kan ikke vise notifikationer.",
        turn_on: "Turn on" | "Slå til",
        turn_off: "Turn off" | "Slå fra",
        ended: "Your task has ended" | "Din opgave er slut",
        failed: "Your task has failed" | "Din opgave er fejlet",
        waiting: "Your task waits for an answer" | "Din opgave venter på et svar",
    }
}
