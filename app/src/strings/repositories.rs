//! Repositories.

strings! {
    /// The list and the form.
    Repositories {
        title: "Repositories" | "Repositorier",
        add: "Add repository" | "Tilføj repositorium",
        edit: "Edit repository" | "Redigér repositorium",
        none: "No repositories yet" | "Ingen repositorier endnu",
        none_hint: "Add a git repository by its path on this machine or by its URL. Each task then works in a worktree of its own; your own checkout is never touched." | "Tilføj et git-repositorium med stien på denne maskine eller med dets URL. Hver opgave arbejder i sit eget arbejdstræ; din egen kopi røres aldrig.",
        url: "Path or URL" | "Sti eller URL",
        url_hint: "/srv/git/web or https://github.com/owner/name.git" | "/srv/git/web eller https://github.com/ejer/navn.git",
        url_help: "A path must lie under the folders that the operator allows." | "En sti skal ligge under de mapper, som driftsansvarlig tillader.",
        name: "Name" | "Navn",
        name_help: "Left empty: the last part of the path." | "Tomt felt: den sidste del af stien.",
        branch: "Default branch" | "Standardgren",
        branch_help: "Left empty: the branch that HEAD names." | "Tomt felt: den gren, som HEAD peger på.",
        setup: "Set-up script" | "Klargøringsscript",
        setup_help: "Runs in every new worktree before the task, for example to install packages." | "Køres i hvert nyt arbejdstræ før opgaven, for eksempel for at installere pakker.",
        max_running: "Executions at once" | "Kørsler ad gangen",
        max_running_help: "Left empty: as many as there are slots." | "Tomt felt: så mange, som der er pladser.",
        template: "Branches of published results" | "Grene til udgivne resultater",
        template_help: "Left empty: as the workspace has it. {number}, {slug}, {execution} and {priority} stand for the task's own." | "Tomt felt: som arbejdsområdet har det. {number}, {slug}, {execution} og {priority} står for opgavens egne.",
        network: "Network of its executions" | "Kørslernes netværk",
        network_none: "None" | "Intet",
        network_none_help: "The safest. Nothing gets in or out." | "Det sikreste. Intet kommer ind eller ud.",
        network_full: "The internet" | "Internettet",
        network_full_help: "For packages and APIs, by a proxy. Never this machine or private networks." | "Til pakker og API'er, gennem en proxy. Aldrig denne maskine eller private netværk.",
        remove: "Remove" | "Fjern",
        remove_title: "Remove this repository" | "Fjern dette repositorium",
        removed: "The repository is removed" | "Repositoriet er fjernet",
        remove_confirm: "tasks can no longer run on it. Your own copy, and the tasks themselves, stay." | "opgaver kan ikke længere køre på det. Din egen kopi og selve opgaverne bliver.",
        tasks: "Tasks" | "Opgaver",
        added: "Repository added" | "Repositoriet er tilføjet",
        setup_badge: "Set-up script" | "Klargøringsscript",
        checked: "changed" | "ændret",
    }
}
