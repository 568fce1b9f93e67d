/** The pair as a service of this machine: it starts at boot. */
@NullMarked
package com.mcpist.cli.service;

import org.jspecify.annotations.NullMarked;
