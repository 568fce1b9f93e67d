@NullMarked
package com.mcpist.cli.clients;

import org.jspecify.annotations.NullMarked;
