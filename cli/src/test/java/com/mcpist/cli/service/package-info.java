@NullMarked
package com.mcpist.cli.service;

import org.jspecify.annotations.NullMarked;
