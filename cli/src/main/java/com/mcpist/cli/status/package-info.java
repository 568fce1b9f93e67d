@NullMarked
package com.mcpist.cli.status;

import org.jspecify.annotations.NullMarked;
