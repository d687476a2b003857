//! Templates of tasks.

strings! {
    /// Templates of tasks.
    Templates {
        title: "Templates" | "Skabeloner",
        none: "No templates yet" | "Ingen skabeloner endnu",
        none_hint: "A template holds the commands, repository and labels of a task that comes up again. The composer and schedules start from it." | "En skabelon rummer kommandoer, repositorium og etiketter til en opgave, der kommer igen. Nye opgaver og tidsplaner begynder med den.",
        add: "New template" | "Ny skabelon",
        name: "Name of the template" | "Skabelonens navn",
        task_title: "Title of its tasks" | "Titel på dens opgaver",
        remove: "Remove the template" | "Fjern skabelonen",
        remove_confirm: "its commands and fields are gone for good. Tasks made from it stay." | "dens kommandoer og felter forsvinder for altid. Opgaver lavet ud fra den bliver.",
        use_it: "New task from it" | "Ny opgave ud fra den",
    }
}
