"""Stand-ins at the contracts of the box: a clock to set, a scripted adapter, a way to the backend, a whole box."""
