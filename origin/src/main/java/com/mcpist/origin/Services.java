package com.mcpist.origin;

import java.net.URI;
import java.util.Optional;

/** What modules may need of services outside; a module that needs what is absent says so. */
public record Services(
    Optional<URI> supabaseUrl, Optional<Secret> supabaseKey, Optional<Secret> stripeSecretKey) {}
