//! The quick switcher.

strings! {
    /// Going anywhere by a few words.
    Switcher {
        title: "Go to a page, a task or a repository" | "Gå til en side, en opgave eller et repositorium",
        placeholder: "A page, a task by number or words, an action" | "En side, en opgave ved nummer eller ord, en handling",
        nothing: "Nothing is called that here." | "Intet hedder sådan her.",
        found: "found" | "fundet",
        page: "Page" | "Side",
        task: "Task" | "Opgave",
        repository: "Repository" | "Repositorium",
        action: "Action" | "Handling",
        choose: "choose" | "vælg",
        go: "go" | "gå",
        close: "close" | "luk",
    }
}
