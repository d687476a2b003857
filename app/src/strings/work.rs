//! How tasks are worked on.

strings! {
    /// The workspace's own choices.
    Work {
        title: "Tasks and publishing" | "Opgaver og udgivelse",
        preempt: "Let more urgent tasks pause others" | "Lad mere hastende opgaver sætte andre på pause",
        preempt_help: "A paused one goes on by itself when there is room." | "Den, der er på pause, fortsætter af sig selv, når der er plads.",
        template: "Branches of published results" | "Grene til udgivne resultater",
        template_help: "{number}, {slug}, {execution} and {priority} stand for the task's own." | "{number}, {slug}, {execution} og {priority} står for opgavens egne.",
        author_name: "Author of commits" | "Forfatter af commits",
        author_email: "Their e-mail" | "Forfatterens e-mail",
    }
}
