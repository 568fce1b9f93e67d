@NullMarked
package com.mcpist.cli.alert;

import org.jspecify.annotations.NullMarked;
