//! Schedules.

strings! {
    /// Schedules.
    Schedules {
        title: "Schedules" | "Tidsplaner",
        none: "No schedules yet" | "Ingen tidsplaner endnu",
        none_hint: "A schedule makes a task from a template at set times: every night, each Monday. One that was missed is made up for once." | "En tidsplan laver en opgave ud fra en skabelon på faste tidspunkter: hver nat, hver mandag. En, der blev sprunget over, indhentes én gang.",
        first_template: "Make a template first" | "Lav først en skabelon",
        add: "New schedule" | "Ny tidsplan",
        name: "Name" | "Navn",
        template: "Template" | "Skabelon",
        cron: "When" | "Hvornår",
        cron_help: "Minute, hour, day of the month, month, day of the week." | "Minut, time, dag i måneden, måned, ugedag.",
        zone: "Time zone" | "Tidszone",
        zone_help: "A name such as Europe/Copenhagen." | "Et navn som Europe/Copenhagen.",
        enabled: "On" | "Slået til",
        start: "Start its tasks at once" | "Start dens opgaver med det samme",
        start_help: "Otherwise they wait as drafts." | "Ellers venter de som kladder.",
        on: "On" | "Til",
        off: "Off" | "Fra",
        next: "Next:" | "Næste:",
        next_short: "next" | "næste",
        remove: "Remove the schedule" | "Fjern tidsplanen",
        remove_confirm: "it makes no more tasks. Those that it made stay." | "den laver ikke flere opgaver. Dem, den har lavet, bliver.",
        last: "Last:" | "Sidst:",
        run_now: "Run now" | "Kør nu",
    }
}
