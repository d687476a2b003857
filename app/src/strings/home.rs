//! Home: what runs now, what needs me, what happened.

strings! {
    /// The first page of a workspace.
    Home {
        title: "Home" | "Hjem",
        running: "Running" | "Kører",
        queued: "Queued" | "I kø",
        needs_you: "Needs you" | "Venter på dig",
        success: "Succeeded, 14 days" | "Lykkedes, 14 dage",
        no_runs: "No runs yet" | "Ingen kørsler endnu",
        of_runs: "of" | "af",
        runs: "runs" | "kørsler",
        now: "Running now" | "Kører nu",
        nothing_runs: "Nothing runs right now." | "Intet kører lige nu.",
        nothing_runs_hint: "A task starts as soon as it is queued and a place is free." | "En opgave starter, så snart den er i kø, og der er plads.",
        nothing_needs: "Nothing needs you." | "Intet venter på dig.",
        nothing_needs_hint: "Questions and paused runs show up here." | "Spørgsmål og kørsler på pause viser sig her.",
        recent: "Recent outcomes" | "Seneste resultater",
        nothing_recent: "No task has ended yet." | "Ingen opgave er afsluttet endnu.",
        activity: "Outcomes, 14 days" | "Resultater, 14 dage",
        activity_alt: "Tasks that ended on each of the last 14 days, by how they ended" | "Opgaver, der sluttede på hver af de seneste 14 dage, efter resultat",
        durations: "Run time of the latest tasks" | "Køretid for de seneste opgaver",
        median: "median" | "median",
        see_all: "See all" | "Se alle",
        welcome: "Welcome to Switchboard" | "Velkommen til Switchboard",
        welcome_text: "Three steps to your first result:" | "Tre trin til dit første resultat:",
        step_repository: "Add a git repository that tasks may work on." | "Tilføj et git-repositorium, som opgaver må arbejde på.",
        step_task: "Write a task: a title, and the commands to run." | "Skriv en opgave: en titel og de kommandoer, der skal køres.",
        step_watch: "Start it, watch the output live, and read the diff." | "Start den, følg outputtet live, og læs ændringerne.",
        add_repository: "Add a repository" | "Tilføj et repositorium",
        new_task: "New task" | "Ny opgave",
    }
}
