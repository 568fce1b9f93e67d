@NullMarked
package com.mcpist.cli.setup;

import org.jspecify.annotations.NullMarked;
