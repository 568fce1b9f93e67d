@NullMarked
package com.mcpist.cli.connect;

import org.jspecify.annotations.NullMarked;
